# gelcap: export f(float64*, float)
def f(p, x):
    return p[x]
