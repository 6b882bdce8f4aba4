# gelcap: export f(float64[()])
def f(z):
    n = len(z)
    for x in z:
        n += 1
    return n + z[0]
