// The name beside the address of letters that the gateway writes in its own name. Read by people.

/** French, as all that people read. */
export const serviceName = 'Messagerie sécurisée de santé';
