# gelcap: export f(int)
def f(n):
    s = 0
    for v in (1, 2, n):
        s += v
    return s
