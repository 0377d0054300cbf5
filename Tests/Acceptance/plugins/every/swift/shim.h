#include <sluice.h>
