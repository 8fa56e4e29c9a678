// The texts of signing, wherever it is done.

export const words = {
  password: "Your password",
  code: "Six digits from your app",
  withPasskey: (act: string) => `${act}, with your passkey`,
  otherwise: "Password instead",
  none: "A signature here takes a passkey or six digits, and you have neither yet.",
  reset: "Somebody else has set your password since. Before you can sign, show a recovery code under “My account”, or ask the operator to vouch for you.",
  toAccount: "Add one under “My account”",
  notAnswered: "The passkey did not answer. Nothing was signed. Try again.",
  notMade: "No passkey was made. Try again, or use six digits.",
};
