# gelcap: export f(int, int)
def f(n):
    return n
