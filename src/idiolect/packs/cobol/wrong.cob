       IDENTIFICATION DIVISION.
       PROGRAM-ID. WRONG.
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       01 PRICE PIC 9(4)V99.
       PROCEDURE DIVISION.
      * the next statement but one names what nothing declares
           MOVE 12.50 TO PRICE
           ADD 1 TO PRIZE
           DISPLAY PRICE
           STOP RUN.
