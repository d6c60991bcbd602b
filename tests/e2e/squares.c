// An aggregate function for servers to load: squares(n), the sum of squares. The structures are
// those of "Adding Loadable Functions" in MySQL's manual; MariaDB has the same.
#include <stdbool.h>
#include <string.h>

struct Init {
    bool maybe_null;
    unsigned decimals;
    unsigned long max_length;
    long long *sum;
    bool const_item;
    void *extension;
};

struct Arguments {
    unsigned count;
    int *types;
    char **values;
    unsigned long *lengths;
    char *maybe_null;
    char **attributes;
    unsigned long *attribute_lengths;
    void *extension;
};

enum { INTEGER = 2 };

static long long sums[256];
static unsigned char next;

bool squares_init(struct Init *init, struct Arguments *arguments, char *message) {
    if (arguments->count != 1) {
        strcpy(message, "squares has one argument");
        return true;
    }
    arguments->types[0] = INTEGER;
    init->sum = &sums[next++];
    return false;
}

void squares_clear(struct Init *init, unsigned char *is_null, unsigned char *error) {
    *init->sum = 0;
}

void squares_add(struct Init *init, struct Arguments *arguments, unsigned char *is_null,
                 unsigned char *error) {
    if (arguments->values[0] == NULL) return;
    const long long number = *(const long long *)arguments->values[0];
    *init->sum += number * number;
}

void squares_reset(struct Init *init, struct Arguments *arguments, unsigned char *is_null,
                   unsigned char *error) {
    squares_clear(init, is_null, error);
    squares_add(init, arguments, is_null, error);
}

long long squares(struct Init *init, struct Arguments *arguments, unsigned char *is_null,
                  unsigned char *error) {
    return *init->sum;
}
