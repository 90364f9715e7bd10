// How a C++ function answers Rust: with nothing, or with a message.
#pragma once

#include <c10/util/Exception.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

namespace gan_nb {

// One for all files: a message made in one of them is freed in another.
inline char out_of_memory[] = "not enough memory for an error message";

namespace {

// A refusal of our own: the three parts of Rust's Error::Value.
struct Refusal {
    std::string name, found, expected;
};

// Starts and separates a refusal's parts on their way to Rust.
constexpr char SEPARATOR = '\x1f';

char *words_of(const std::string &text) noexcept {
    char *copy = strdup(text.c_str());
    return copy ? copy : out_of_memory; // null would mean success
}

// Runs `work`. Whatever it throws comes back as a message that Rust frees with gan_nb_free; null means success.
template <typename Work>
char *guarded(Work work) noexcept {
    try {
        try {
            work();
            return nullptr;
        } catch (const Refusal &refusal) {
            return words_of(SEPARATOR + refusal.name + SEPARATOR + refusal.found + SEPARATOR + refusal.expected);
        } catch (const c10::Error &error) {
            return words_of(error.what_without_backtrace());
        } catch (const std::exception &error) {
            return words_of(error.what());
        }
    } catch (...) {
        return out_of_memory; // an unknown exception, or no memory for the message
    }
}

void free_words(char *words) noexcept {
    if (words != out_of_memory) free(words);
}

} // namespace
} // namespace gan_nb
