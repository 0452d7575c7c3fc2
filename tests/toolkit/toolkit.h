/* All of the toolkit for a check_*.c; scenario programs take scn.h. */
#ifndef TOOLKIT_TOOLKIT_H
#define TOOLKIT_TOOLKIT_H

#include "fixture.h"
#include "main.h"
#include "process.h"
#include "scenario.h"

#endif
