"""The tutorial's iteration in Keras 2 (tf_keras), call by call as in the tutorial, without its progress bars."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tf_keras as keras
from tf_keras import layers as L

from bench import program

LATENT = 100


def build_generator() -> keras.Model:
    model = keras.Sequential()
    model.add(L.Dense(8 * 8 * 256, activation="relu", input_dim=LATENT))
    model.add(L.Reshape((8, 8, 256)))
    model.add(L.BatchNormalization(momentum=0.8))
    for filters in (128, 64):
        model.add(L.Conv2DTranspose(filters, kernel_size=4, strides=2, padding="same"))
        model.add(L.LeakyReLU(alpha=0.2))
        model.add(L.BatchNormalization(momentum=0.8))
    model.add(L.Conv2D(3, kernel_size=3, padding="same", activation="tanh"))
    return model


def build_discriminator() -> keras.Model:
    model = keras.Sequential([keras.Input(shape=(32, 32, 3))])
    for filters in (64, 128, 256):
        model.add(L.Conv2D(filters, kernel_size=3, strides=2, padding="same"))
        model.add(L.LeakyReLU(alpha=0.2))
    model.add(L.Flatten())
    model.add(L.Dense(1, activation="sigmoid"))
    return model


def main() -> None:
    settings = program.options()
    tf.config.threading.set_intra_op_parallelism_threads(settings.threads)
    tf.config.threading.set_inter_op_parallelism_threads(settings.threads)
    tf.random.set_seed(42)
    np.random.seed(42)

    # All images as floats at once, as in the tutorial: four times the bytes, which also shows in the peak memory.
    x_train = program.images(settings.data).transpose(0, 2, 3, 1)
    x_train = np.ascontiguousarray(x_train, dtype="float32")
    x_train -= 127.5
    x_train /= 127.5

    generator, discriminator = build_generator(), build_discriminator()
    discriminator.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    discriminator.trainable = False  # in Keras 2 only for the gan: the discriminator is already compiled
    z = keras.Input(shape=(LATENT,))
    gan = keras.Model(z, discriminator(generator(z)))
    gan.compile(loss="binary_crossentropy", optimizer="adam")
    batch_size = settings.batch_size
    ones, zeros = np.ones((batch_size, 1)), np.zeros((batch_size, 1))

    def iteration() -> None:
        real = x_train[np.random.randint(0, len(x_train), batch_size)]
        fake = generator.predict(np.random.normal(0, 1, (batch_size, LATENT)), verbose=0)
        discriminator.train_on_batch(real, ones)
        discriminator.train_on_batch(fake, zeros)
        gan.train_on_batch(np.random.normal(0, 1, (batch_size, LATENT)), ones)

    def generate() -> None:
        generator.predict(np.random.normal(0, 1, (program.GENERATED, LATENT)), batch_size=program.GENERATED, verbose=0)

    program.measure("Keras 2", settings, iteration, generate)


if __name__ == "__main__":
    main()
