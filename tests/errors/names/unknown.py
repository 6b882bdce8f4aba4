# gelcap: export f(float)
def f(x):
    return scale * x
