# gelcap: export f(int)
def f(n):
    break
    return n
