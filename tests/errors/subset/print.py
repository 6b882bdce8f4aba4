# gelcap: export f(int)
def f(n):
    print(n)
    return n
