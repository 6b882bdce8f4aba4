"""Recursion, direct and mutual; without end it is a RecursionError."""
# gelcap: export factorial(int)
# gelcap: export fib(int)
# gelcap: export even(int)
# gelcap: export ackermann(int, int)
# gelcap: export forever(int)
# gelcap: export power(float, int)
# gelcap: export depth(int)
# gelcap: export mutual_forever(int)
# gelcap: export endless(int)


def factorial(n):
    return 1 if n <= 1 else n * factorial(n - 1)


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def even(n):
    if n == 0:
        return True
    return odd(n - 1)


def odd(n):
    if n == 0:
        return False
    return even(n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def forever(n):
    if n < 0:
        return 0
    return forever(n) + 1


def endless(n):
    return endless(n) + 1


def power(x, n):
    if n == 0:
        return 1.0
    half = power(x, n // 2)
    return half * half * x if n % 2 else half * half


def depth(n):
    if n == 0:
        return 0
    return depth(n - 1) + 1


def ping(n):
    if n < 0:
        return 0
    return pong(n) + 1


def pong(n):
    return ping(n) - 1


def mutual_forever(n):
    return ping(n)


# run: factorial(10) == 3628800
# run: factorial(20) == 2432902008176640000
# run: factorial(21) raises OverflowError
# run: fib(15) == 610
# run: even(10) == True
# run: even(7) == False
# run: ackermann(2, 3) == 9
# run: forever(1) raises RecursionError
# run: power(1.5, 10) == 57.6650390625
# run: depth(200) == 200
# run: mutual_forever(0) raises RecursionError
# run: endless(1) raises RecursionError
