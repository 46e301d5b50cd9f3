/* Starts a program of Windows as CreateProcess is told to, waits, and notes all 32 bits of its exit code.

   start.exe ORDER CODE: the file ORDER holds two texts in UTF-16, each ended by a NUL: the program's file (empty: the
   command line names it) and the command line. CODE gets the exit code in decimal, or "error N" with Windows' number.

   Once in thousands of starts a new process of Wine's ends before it is set up, none of the program having run, and
   CreateProcess reports ERROR_INTERNAL_ERROR: it is asked again then. */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#define ATTEMPTS 5

static wchar_t *content_of(const wchar_t *path)
{
    FILE *file = _wfopen(path, L"rb");
    if (!file)
        exit(120);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *content = calloc(size + 4, 1);
    if (fread(content, 1, size, file) != (size_t)size)
        exit(121);
    fclose(file);
    return (wchar_t *)content;
}

int wmain(int count, wchar_t **arguments)
{
    if (count != 3)
        return 122;
    wchar_t *program = content_of(arguments[1]);
    wchar_t *line = program + wcslen(program) + 1;
    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    FILE *note = _wfopen(arguments[2], L"wb");
    if (!note)
        return 123;
    /* a copy each time: CreateProcess may write into it */
    for (int attempt = 1; !CreateProcessW(*program ? program : NULL, _wcsdup(line), NULL, NULL, TRUE, 0, NULL, NULL,
                                          &start, &process); attempt++) {
        DWORD error = GetLastError();
        if (error != ERROR_INTERNAL_ERROR || attempt == ATTEMPTS) {
            fprintf(note, "error %lu", error);
            fclose(note);
            return 1;
        }
        Sleep(100 * attempt);
    }
    DWORD code = 0;
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    fprintf(note, "%lu", code);
    fclose(note);
    return 0;
}
