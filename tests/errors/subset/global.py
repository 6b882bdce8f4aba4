total = 0

# gelcap: export f(int)
def f(n):
    global total
    total = n
    return n
