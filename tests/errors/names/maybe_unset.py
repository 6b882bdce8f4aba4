# gelcap: export f(int)
def f(n):
    if n > 0:
        x = 1
    return x
