"""abs, min, max and comparisons of ints."""
# gelcap: export absolute(int)
# gelcap: export smallest(int, int, int)
# gelcap: export order(int, int)
# gelcap: export sign(int)
# gelcap: export gcd(int, int)
# gelcap: export collatz(int)
# gelcap: export isqrt(int)
# gelcap: export factorial(int)
# gelcap: export fib(int)


def absolute(n):
    return abs(n)


def smallest(a, b, c):
    return min(a, b, c), max(a, b, c)


def order(a, b):
    return a < b, a <= b, a == b, a != b, a >= b, a > b


def sign(n):
    return (n > 0) - (n < 0)


def gcd(a, b):
    while b:
        a, b = b, a % b
    return abs(a)


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def isqrt(n):
    x = n
    y = (x + 1) // 2
    while y < x:
        x = y
        y = (x + n // x) // 2
    return x


def factorial(n):
    product = 1
    for k in range(2, n + 1):
        product *= k
    return product


def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


# run: absolute(-5) == 5
# run: absolute(-9223372036854775808) raises OverflowError
# run: smallest(3, -2, 7) == (-2, 7)
# run: smallest(-9223372036854775808, 0, 9223372036854775807) == (-9223372036854775808, 9223372036854775807)
# run: order(-1, 1) == (True, True, False, True, False, False)
# run: order(2, 2) == (False, True, True, False, True, False)
# run: sign(-9) == -1
# run: sign(0) == 0
# run: gcd(1071, 462) == 21
# run: gcd(-12, 18) == 6
# run: gcd(0, 0) == 0
# run: collatz(27) == 111
# run: isqrt(1000000) == 1000
# run: factorial(20) == 2432902008176640000
# run: factorial(21) raises OverflowError
# run: fib(90) == 2880067194370816120
# run: fib(100) raises OverflowError
