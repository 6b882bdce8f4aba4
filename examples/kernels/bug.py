"""A kernel with a bug: one column too far. The exception appears at its line; mend it and it runs on."""
# title: A kernel with a bug
# shape: image = 120, 160, 4


def frame(image: "uint8[:, :, ::1]") -> None:
    height, width = image.shape[0], image.shape[1]
    for row in range(height):
        for column in range(width):
            image[row, column, 0] = row * 255 // height
            image[row, column + 1, 1] = column * 255 // width
            image[row, column, 2] = 128
            image[row, column, 3] = 255
