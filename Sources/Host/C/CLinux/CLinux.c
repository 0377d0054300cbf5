#include "CLinux.h"

_Thread_local int clinux_worker = -1;
_Thread_local int clinux_plugin = -1;
