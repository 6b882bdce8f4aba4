# gelcap: export f(float64[::1], int)
def f(a, n):
    for x, y in a:
        n += 1
    for i, x in enumerate(a, 1.5):
        n += 1
    for x in zip(a, n):
        n += 1
    for i, j, x in enumerate(a):
        n += 1
    e = enumerate(a)
    return n
