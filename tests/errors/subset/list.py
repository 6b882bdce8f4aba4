# gelcap: export f(int)
def f(n):
    a = [n, n]
    return a[0]
