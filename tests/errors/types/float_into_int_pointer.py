# gelcap: export f(int32*, float)
def f(p, x):
    p[0] = x
