# gelcap: export f(float)
def f(x):
    if x < 0:
        raise ValueError("\N{MINUS SIGN}")
    return x
