"""The Mandelbrot set. Drag to move, turn the wheel to zoom."""
# title: Mandelbrot zoom
# shape: image = 300, 400, 4
# slider: limit 20 1000 200
# view: center_x center_y scale = -0.6 0.0 3.2
import math


def frame(image: "uint8[:, :, ::1]", center_x: float, center_y: float, scale: float, limit: int) -> None:
    height, width = image.shape[0], image.shape[1]
    step = scale / width
    for row in range(height):
        ci = center_y + (row - height / 2) * step
        for column in range(width):
            cr = center_x + (column - width / 2) * step
            zr = zi = 0.0
            count = 0
            while count < limit and zr * zr + zi * zi < 16.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                count += 1
            image[row, column, 3] = 255
            if count < limit:
                smooth = count + 1.0 - math.log2(math.log2(zr * zr + zi * zi) / 2.0)
                hue = 0.05 * smooth
                image[row, column, 0] = int(127.5 + 127.0 * math.sin(hue + 3.6))
                image[row, column, 1] = int(127.5 + 127.0 * math.sin(hue + 4.4))
                image[row, column, 2] = int(127.5 + 127.0 * math.sin(hue + 5.4))
            else:
                image[row, column, 0] = image[row, column, 1] = image[row, column, 2] = 0
