# gelcap: export f(int)
def f(n):
    d = {1: n}
    return d[1]
