def g(a, b=1):
    return a + b


# gelcap: export f(int)
def f(n):
    return g(n, c=3)
