# gelcap: export f(int)
def f(n):
    with open("x") as g:
        return n
