# gelcap: export f(int)
def f(n):
    yield n
