# gelcap: export f(int)
def f(n):
    class A:
        pass
    return n
