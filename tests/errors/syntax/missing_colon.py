# gelcap: export f(int)
def f(n)
    return n
