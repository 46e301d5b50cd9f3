/* Prints its arguments as Microsoft's C runtime splits them: UTF-8, each ended by a NUL. */
#include <stdio.h>
#include <windows.h>

int wmain(int count, wchar_t **arguments)
{
    static char text[1 << 18];
    for (int i = 1; i < count; i++) {
        int size = WideCharToMultiByte(CP_UTF8, 0, arguments[i], -1, text, sizeof text, NULL, NULL);
        fwrite(text, 1, size, stdout);
    }
    return 0;
}
