# gelcap: export f(int)
def f(n):
    return n + 9223372036854775808
