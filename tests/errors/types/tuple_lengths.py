# gelcap: export f(int)
def f(n):
    a, b = n, n, n
    return a
