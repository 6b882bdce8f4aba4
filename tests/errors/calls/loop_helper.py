# A fault in a function that is called in a loop, whose types take a second round to settle, is said once.
# gelcap: export total(int)


def helper(a):
    return missing if a > 0 else 100


def total(n):
    s = 0
    for i in range(n):
        s = s + 0.5 * helper(i)
    return s
