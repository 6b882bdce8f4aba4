# gelcap: export f(int)
def f(n):
    f(n) = 1
    return n
