"""Convolution of a picture with a blur or an edge filter."""
# title: Image convolution
# shape: image = 256, 256, 4
# shape: picture = 256, 256
# slider: radius 0 8 3
# slider: edges 0.0 4.0 0.8
import math


def init(picture: "float64[:, ::1]") -> None:
    height, width = picture.shape
    for y in range(height):
        for x in range(width):
            u, v = x / width - 0.5, y / height - 0.5
            rings = 0.5 + 0.5 * math.sin(90.0 * (u * u + v * v))
            board = 1.0 if (x // 32 + y // 32) % 2 == 0 else 0.35
            picture[y, x] = rings * board


def frame(image: "uint8[:, :, ::1]", picture: "float64[:, ::1]", radius: int, edges: float) -> float:
    height, width = picture.shape
    weight = 1.0 / ((2 * radius + 1) * (2 * radius + 1))
    total = 0.0
    for y in range(height):
        for x in range(width):
            blurred = 0.0
            for j in range(max(0, y - radius), min(height, y + radius + 1)):
                for i in range(max(0, x - radius), min(width, x + radius + 1)):
                    blurred += picture[j, i]
            blurred *= weight
            value = blurred + edges * (picture[y, x] - blurred)
            total += value
            shade = int(min(max(value, 0.0), 1.0) * 255.0)
            image[y, x, 0] = shade
            image[y, x, 1] = shade
            image[y, x, 2] = min(255, shade + 20)
            image[y, x, 3] = 255
    return total / (width * height)
