/* A PAM module that asks for a code which serves once: the only line of the file that it is told.
   Declared here and not included, so that no headers but the C library's are needed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct pam_message { int style; const char *text; };
struct pam_response { char *text; int unused; };
struct pam_conv {
  int (*ask)(int, const struct pam_message **, struct pam_response **, void *);
  void *data;
};
enum { SUCCESS = 0, AUTH_ERR = 7, CONV = 5, ECHO_OFF = 1 };
int pam_get_item(const void *handle, int item, const void **found);

int pam_sm_authenticate(void *handle, int flags, int argc, const char **argv) {
  const struct pam_message message = {ECHO_OFF, "Verification code: "}, *messages = &message;
  struct pam_response *answer = NULL;
  const struct pam_conv *conv = NULL;
  char code[64] = "";
  (void)flags;
  if (argc != 1 || pam_get_item(handle, CONV, (const void **)&conv) != SUCCESS || !conv) return AUTH_ERR;
  if (conv->ask(1, &messages, &answer, conv->data) != SUCCESS || !answer || !answer->text) return AUTH_ERR;
  FILE *file = fopen(argv[0], "r");
  if (!file || !fgets(code, sizeof code, file)) return AUTH_ERR;
  fclose(file);
  code[strcspn(code, "\n")] = 0;
  return strcmp(code, answer->text) == 0 && unlink(argv[0]) == 0 ? SUCCESS : AUTH_ERR;
}

int pam_sm_setcred(void *handle, int flags, int argc, const char **argv) {
  (void)handle, (void)flags, (void)argc, (void)argv;
  return SUCCESS;
}
