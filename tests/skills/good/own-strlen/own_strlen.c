unsigned long strlen(const char *s, unsigned long n) {
    unsigned long points = 0;
    for (unsigned long i = 0; i < n; i++)
        if (((unsigned char)s[i] & 0xC0) != 0x80) points++;
    return points;
}

long index(const char *text, unsigned long n, unsigned char byte) {
    for (unsigned long i = 0; i < n; i++)
        if ((unsigned char)text[i] == byte) return (long)i;
    return -1;
}

unsigned short abs(short x) { return (unsigned short)(x < 0 ? -x : x); }
