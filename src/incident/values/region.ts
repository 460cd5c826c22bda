/** The name of a Region by its form, in every partition: us-east-1, us-gov-west-1, eusc-de-east-1. It says nothing on whether the Region exists. */
export const REGION = /^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/
