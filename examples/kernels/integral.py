"""A curve and its integral, by adaptive Simpson quadrature: the lines below show where it looked."""
# title: A curve and its integral
# shape: image = 240, 400, 4
# slider: frequency 0.5 12.0 4.0
# slider: damping 0.0 2.0 0.6
# slider: digits 2 10 6
import math


def curve(x: float, frequency: float, damping: float) -> float:
    return math.exp(-damping * x) * math.cos(frequency * x * x)


def mark(image: "uint8[:, :, ::1]", x: float) -> None:
    height, width = image.shape[0], image.shape[1]
    column = min(width - 1, max(0, int(x / 4.0 * width)))
    for row in range(height - 24, height):
        image[row, column, 0], image[row, column, 1], image[row, column, 2] = 225, 90, 60


def simpson(
    image: "uint8[:, :, ::1]", a: float, b: float, fa: float, fm: float, fb: float, whole: float, tolerance: float, depth: int,
    frequency: float, damping: float,
) -> float:
    m = 0.5 * (a + b)
    mark(image, m)
    fl, fr = curve(0.5 * (a + m), frequency, damping), curve(0.5 * (m + b), frequency, damping)
    left, right = (m - a) / 6.0 * (fa + 4.0 * fl + fm), (b - m) / 6.0 * (fm + 4.0 * fr + fb)
    if depth == 0 or abs(left + right - whole) <= 15.0 * tolerance:
        return left + right + (left + right - whole) / 15.0
    return simpson(image, a, m, fa, fl, fm, left, tolerance / 2.0, depth - 1, frequency, damping) + simpson(
        image, m, b, fm, fr, fb, right, tolerance / 2.0, depth - 1, frequency, damping
    )


# gelcap: export frame(uint8[:, :, ::1], float, float, int)
def frame(image, frequency, damping, digits):
    height, width = image.shape[0], image.shape[1]
    middle = height // 2 - 12
    for column in range(width):
        value = curve(column / width * 4.0, frequency, damping)
        top = middle - int(value * (height * 0.4))
        for row in range(height):
            between = min(top, middle) <= row <= max(top, middle)
            image[row, column, 0] = 90 if between else 245
            image[row, column, 1] = 150 if between else 246
            image[row, column, 2] = 220 if between else 250
            image[row, column, 3] = 255
        for row in range(max(0, top - 1), min(height, top + 2)):
            image[row, column, 0], image[row, column, 1], image[row, column, 2] = 20, 60, 140
    fa, fm, fb = curve(0.0, frequency, damping), curve(2.0, frequency, damping), curve(4.0, frequency, damping)
    whole = 4.0 / 6.0 * (fa + 4.0 * fm + fb)
    return simpson(image, 0.0, 4.0, fa, fm, fb, whole, 10.0 ** -float(digits), 40, frequency, damping)
