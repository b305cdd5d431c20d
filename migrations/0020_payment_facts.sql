-- What a paper states for its payment, found when it is filed; documents from before get theirs when they are filed again.
ALTER TABLE documents
    ADD COLUMN amount_hundredths bigint,
    ADD COLUMN amount_currency   text CHECK (amount_currency ~ '^[A-Z]{3}$'),
    ADD COLUMN iban              text,
    ADD COLUMN invoice_number    text,
    ADD CONSTRAINT documents_amount_has_currency CHECK ((amount_hundredths IS NULL) = (amount_currency IS NULL));
