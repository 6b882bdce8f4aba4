table = [1, 2, 3]

# gelcap: export f(int)
def f(n):
    return table[n]
