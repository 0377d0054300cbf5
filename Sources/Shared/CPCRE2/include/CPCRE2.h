#ifndef CPCRE2_H
#define CPCRE2_H

// pcre2.h picks its function names by this; patterns and subjects are UTF-8.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#endif
