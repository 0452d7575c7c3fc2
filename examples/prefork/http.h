/* http.h - just enough HTTP/1.1 for the example: one request a connection. */
#ifndef HTTP_H
#define HTTP_H

/* A listening socket on 127.0.0.1, non-blocking; *port 0 takes a free one and
 * tells which.  -1 and errno. */
int
http_listen(unsigned short *port);

/* Read a request's head; its path and query into target.  -1: it was none. */
int
http_read(int connection, char *target, unsigned size);

/* Answer it. */
void
http_answer(int connection, const char *status, const char *type,
    const char *body);

#endif
