# gelcap: export f(int)
def f(n):
    s = "a".upper()
    return n
