# gelcap: export f(int)
def f(n):
    a = missing
    b = n & 1.5
    c = n + "x"
    return a, b, c
