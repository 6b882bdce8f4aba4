# gelcap: export g(int)
def f(n):
    return n
