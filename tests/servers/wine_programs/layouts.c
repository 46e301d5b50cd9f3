/* Prints sizes, offsets and constants of Windows' own headers, a name and a number a line, to hold ours against. */
#include <stddef.h>
#include <stdio.h>
#include <windows.h>
#include <winreg.h>

#define SIZE(type) printf(#type " %zu\n", sizeof(type))
#define OFFSET(type, field) printf(#type "." #field " %zu\n", offsetof(type, field))
#define NUMBER(name) printf(#name " %lu\n", (unsigned long)(name))

int wmain(void)
{
    SIZE(JOBOBJECT_BASIC_LIMIT_INFORMATION);
    OFFSET(JOBOBJECT_BASIC_LIMIT_INFORMATION, LimitFlags);
    SIZE(JOBOBJECT_EXTENDED_LIMIT_INFORMATION);
    OFFSET(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, IoInfo);
    SIZE(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION);
    OFFSET(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, ActiveProcesses);
    NUMBER(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE);
    NUMBER(JobObjectExtendedLimitInformation);
    NUMBER(JobObjectBasicAccountingInformation);
    NUMBER(PROCESS_SET_QUOTA);
    NUMBER(PROCESS_TERMINATE);
    NUMBER(PROCESS_SUSPEND_RESUME);
    NUMBER(CREATE_SUSPENDED);
    NUMBER(CREATE_NEW_PROCESS_GROUP);
    NUMBER(CTRL_BREAK_EVENT);
    NUMBER(ERROR_UNABLE_TO_MOVE_REPLACEMENT);
    NUMBER(KEY_SET_VALUE);
    NUMBER(KEY_WOW64_64KEY);
    NUMBER(REG_SZ);
    NUMBER(REG_EXPAND_SZ);
    NUMBER(REG_BINARY);
    NUMBER(REG_DWORD);
    NUMBER(REG_MULTI_SZ);
    NUMBER(REG_QWORD);
    return 0;
}
