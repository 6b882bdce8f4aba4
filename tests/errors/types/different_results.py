# gelcap: export f(int)
def f(n):
    if n:
        return 1, 2
    return 3
